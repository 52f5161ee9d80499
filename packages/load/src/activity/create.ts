import type { DialogueKind } from '../client/dialogue.ts';
import type { ActivityContext, ActivityRun } from './activity.ts';
import { EchoRun } from './echo.ts';
import { IdleRun } from './idle.ts';
import { PubSubRun } from './pubsub.ts';
import { RequestRun } from './request.ts';
import { StormRun } from './storm.ts';

export function createActivity(context: ActivityContext, kind: DialogueKind): ActivityRun {
  const { phase } = context;
  switch (phase.do) {
    case 'echo':
      return new EchoRun({ ...context, phase }, kind.echoesByChannel);
    case 'request':
      return new RequestRun({ ...context, phase });
    case 'pubsub':
      return new PubSubRun({ ...context, phase }, kind);
    case 'idle':
      return new IdleRun();
    case 'storm':
      return new StormRun({ ...context, phase });
  }
}
