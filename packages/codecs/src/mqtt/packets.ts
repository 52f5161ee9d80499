// The packets of MQTT 3.1, 3.1.1 and 5.0. What only 5.0 has is empty or left out in the others.

/** In the order in which they were sent; the name is that of the specification. */
export type MqttProperties = readonly (readonly [name: string, value: MqttPropertyValue])[];
export type MqttPropertyValue = number | string | Uint8Array | readonly [name: string, value: string];

export type QoS = 0 | 1 | 2;

export interface MqttWill {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly properties: MqttProperties;
}

export interface MqttConnect {
  readonly type: 'CONNECT';
  /** 3 for MQTT 3.1, 4 for 3.1.1, 5 for 5.0. */
  readonly level: number;
  /** Called clean session before 5.0. */
  readonly cleanStart: boolean;
  /** Seconds. */
  readonly keepAlive: number;
  readonly clientId: string;
  readonly will?: MqttWill | undefined;
  readonly userName?: string | undefined;
  readonly password?: Uint8Array | undefined;
  readonly properties: MqttProperties;
}

export interface MqttPublish {
  readonly type: 'PUBLISH';
  readonly dup: boolean;
  readonly qos: QoS;
  readonly retain: boolean;
  /** Empty where an alias of 5.0 stands for it. */
  readonly topic: string;
  /** Of QoS 1 and 2. */
  readonly packetId?: number | undefined;
  readonly properties: MqttProperties;
  readonly payload: Uint8Array;
}

export interface MqttSubscription {
  readonly filter: string;
  readonly qos: QoS;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  /** 0: retained messages are sent; 1: if the subscription is new; 2: they are not. */
  readonly retainHandling: number;
}

export type MqttPacket =
  | MqttConnect
  | MqttPublish
  | {
      readonly type: 'CONNACK';
      readonly sessionPresent: boolean;
      readonly code: number;
      readonly properties: MqttProperties;
    }
  | {
      readonly type: 'PUBACK' | 'PUBREC' | 'PUBREL' | 'PUBCOMP';
      readonly packetId: number;
      readonly code: number;
      readonly properties: MqttProperties;
    }
  | {
      readonly type: 'SUBSCRIBE';
      readonly packetId: number;
      readonly properties: MqttProperties;
      readonly subscriptions: readonly MqttSubscription[];
    }
  | {
      readonly type: 'UNSUBSCRIBE';
      readonly packetId: number;
      readonly properties: MqttProperties;
      readonly filters: readonly string[];
    }
  | {
      readonly type: 'SUBACK' | 'UNSUBACK';
      readonly packetId: number;
      readonly properties: MqttProperties;
      /** One for each filter. None in an UNSUBACK before 5.0. */
      readonly codes: readonly number[];
    }
  | { readonly type: 'PINGREQ' | 'PINGRESP' }
  | { readonly type: 'DISCONNECT' | 'AUTH'; readonly code: number; readonly properties: MqttProperties };
