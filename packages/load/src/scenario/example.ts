/** A scenario with what is most often wanted, and comments that say what it is for. */
export const exampleScenario = `# A load test for: tidewire bench FILE
# All keys, with their defaults: docs/load-testing.md, or: tidewire bench reference
name: Chat, a day in a minute

target:
  url: ws://127.0.0.1:8080/connection/websocket
  # plain, socket.io, pusher, stomp or centrifugo.
  protocol: centrifugo
  #token: eyJhbGciOi…
  #headers: { Cookie: session=1234 }

# The same seed makes the same schedule and the same random texts.
seed: 1

# One after the other. What one phase has opened is there in the next.
phases:
  - name: arrive
    do: idle
    connections: 200
    # Evenly; or in steps: { over: 5s, steps: 5 }.
    ramp: 5s
    duration: 2s

  # 20 publish, 180 subscribe; everybody gets everything of its channel.
  - name: talk
    do: pubsub
    connections: 200
    publishers: 20
    channels: 10
    channel: try:room-{{channel}}
    # Messages in a second of each publisher, like independent people.
    rate: 2
    spacing: exponential
    # {{stamp}} has the connection, the sequence number and the time in one. It has to be there: latency, loss, duplicates and
    # order are found out by it.
    message: '{"text":"{{random:80}}","mood":"{{pick:happy|sad}}","stamp":"{{stamp}}"}'
    duration: 20s

  # One in ten reads two messages in a second. What becomes of them, and of the others?
  - name: slow readers
    do: pubsub
    connections: 200
    publishers: 1
    channel: try:room-{{channel}}
    rate: 10
    slow: { share: 10%, rate: 2 }
    duration: 10s

  # Half of all lose their connection at once, twice, and come back within a second.
  - name: storm
    do: storm
    connections: 200
    share: 50%
    waves: 2
    within: 1s
    duration: 10s
`;
