// Drives the published JavaScript SDKs against a live server: @flagsmith/flagsmith as a browser would, flagsmith-nodejs
// remotely and locally. Reads a plan from standard input, prints what each saw for every identity, and sends exposures
// and purchases through the SDK's own event processor.

import { readFileSync } from 'node:fs';
import { createFlagsmithInstance } from '@flagsmith/flagsmith/isomorphic';
import { Flagsmith } from 'flagsmith-nodejs';

const plan = JSON.parse(readFileSync(0, 'utf8'));
const api = `${plan.origin}/api/v1/`;
const answers = { browser: {}, remote: {}, local: {}, in_experiment: {} };

for (const identifier of plan.identities) {
    const flagsmith = createFlagsmithInstance();
    await flagsmith.init({
        environmentID: plan.client_key,
        api,
        identity: identifier,
        traits: { plan: 'pro' },
        enableEvents: true,
        eventProcessorConfig: { eventsApiUrl: `${plan.origin}/` },
        enableAnalytics: false,
        cacheFlags: false,
    });
    const flag = flagsmith.getExperimentFlag(plan.flag);
    answers.browser[identifier] = { enabled: flag.enabled, value: flag.value, variant: flag.variant ?? null };
    answers.in_experiment[identifier] = flag.experiment?.inExperiment ?? flag.experiment?.in_experiment
        ?? flag.metadata?.experiment?.in_experiment ?? null;
    if (plan.buyers.includes(identifier)) flagsmith.trackEvent('purchase', { value: 12.5 });
    await flagsmith.flushEvents();
    flagsmith.stopListening?.();
}

const remote = new Flagsmith({ environmentKey: plan.client_key, apiUrl: api });
const local = new Flagsmith({ environmentKey: plan.server_key, apiUrl: api, enableLocalEvaluation: true });
for (const identifier of plan.identities) {
    for (const [name, client] of [['remote', remote], ['local', local]]) {
        const flags = await client.getIdentityFlags(identifier, { plan: 'pro' });
        const flag = flags.getFlag(plan.flag);
        answers[name][identifier] = { enabled: flag.enabled, value: flag.value };
    }
}
await local.close();
process.stdout.write(`${JSON.stringify(answers)}\n`, () => process.exit(0));
