// Name resolution for a client's process: other hosts' ports 80 and 443 are those in CAPTURE.
const net = require('node:net')

const [plain, tls] = process.env.CAPTURE.split(',').map(Number)
const ports = { 80: plain, 443: tls }
const connect = net.Socket.prototype.connect

net.Socket.prototype.connect = function (...given) {
  const listed = Array.isArray(given[0])
  const options = listed ? given[0][0] : given[0]
  const port = ports[options?.port]
  if (port) {
    const led = { ...options, host: '127.0.0.1', port }
    if (listed) given[0][0] = led
    else given[0] = led
  }
  return connect.apply(this, given)
}
