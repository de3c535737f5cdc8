// Waiting for what a client will see sooner or later.

const PATIENCE_MS = 60_000;

export async function until(holds, what) {
    const deadline = Date.now() + PATIENCE_MS;
    while (!(await holds())) {
        if (Date.now() > deadline) throw new Error(`in vain: ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
}
