// Imported by the clients that use Node's own `fetch`. Node loads it on first use, which would count as the client's
// time, while other clients load their transports before the start.
new Response();
