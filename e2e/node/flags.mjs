// Looks at every flag for every person through the published JavaScript SDKs: @flagsmith/flagsmith as a browser would, and
// flagsmith-nodejs remotely and locally. Looks again when the page has heard of a change by its stream and the local client
// by polling. Reads a plan from standard input; prints what was seen before and after the change, a line each.

import './browser.mjs';
import { readFileSync } from 'node:fs';
import { createFlagsmithInstance } from '@flagsmith/flagsmith/isomorphic';
import { Flagsmith } from 'flagsmith-nodejs';
import { until } from './wait.mjs';

const plan = JSON.parse(readFileSync(0, 'utf8'));
const api = `${plan.origin}/api/v1/`;
const names = Object.keys(plan.flags);

const pages = {};
for (const { identifier, traits } of plan.people) {
    pages[identifier] = createFlagsmithInstance();
    await pages[identifier].init({
        environmentID: plan.client_key,
        api,
        identity: identifier,
        traits,
        realtime: true,
        eventSourceUrl: `${plan.origin}/`,
        cacheFlags: false,
    });
}
const remote = new Flagsmith({ environmentKey: plan.client_key, apiUrl: api });
const local = new Flagsmith({
    environmentKey: plan.server_key,
    apiUrl: api,
    enableLocalEvaluation: true,
    environmentRefreshIntervalSeconds: 1,
});

const seen = ({ enabled, value, variant, reason }) => ({
    enabled, value: value ?? null, variant: variant ?? null, reason: reason ?? null,
});

async function look() {
    const answers = { browser: {}, remote: {}, local: {} };
    for (const { identifier, traits } of plan.people) {
        const flags = pages[identifier].getAllFlags();
        answers.browser[identifier] = Object.fromEntries(names.map((name) => [name, seen(flags[name])]));
        for (const [kind, client] of [['remote', remote], ['local', local]]) {
            const flags = await client.getIdentityFlags(identifier, traits);
            answers[kind][identifier] = Object.fromEntries(names.map((name) => [name, seen(flags.getFlag(name))]));
        }
    }
    return answers;
}

const print = (value) => new Promise((resolve) => process.stdout.write(`${JSON.stringify(value)}\n`, resolve));

await print(await look());
const { flag, person, value } = plan.news;
await until(() => pages[person].getValue(flag) === value, 'the page hears of the change by the stream');
await until(
    async () => (await local.getIdentityFlags(person)).getFeatureValue(flag) === value,
    'the local client hears of the change by polling',
);
await print(await look());
process.exit(0);
