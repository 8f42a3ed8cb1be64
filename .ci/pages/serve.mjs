// A web server for a folder of built pages, as a host would serve them:
// compressed, with 404.html for what is missing. Loopback only. Where an address
// of the site is given, links to it lead to this server.
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { createGzip, gzipSync } from 'node:zlib'

const types = {
  '.html': 'text/html; charset=utf-8', '.css': 'text/css; charset=utf-8', '.xml': 'text/xml; charset=utf-8',
  '.svg': 'image/svg+xml', '.png': 'image/png', '.jpg': 'image/jpeg', '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8', '.webm': 'video/webm', '.wav': 'audio/wav'
}

export async function serve (folder, address) {
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://x').pathname))
    let file = join(folder, path.endsWith('/') ? path + 'index.html' : path)
    let status = 200
    if (!await stat(file).then(s => s.isFile(), () => false)) {
      file = join(folder, '404.html')
      status = 404
    }
    const type = types[extname(file)] ?? 'application/octet-stream'
    const headers = { 'Content-Type': type, 'Cache-Control': 'max-age=31536000' }
    if (address && type.startsWith('text/html')) {
      response.writeHead(status, { ...headers, 'Content-Encoding': 'gzip' })
      const page = await readFile(file, 'utf8')
      response.end(gzipSync(page.replaceAll(address, `http://${request.headers.host}/`)))
    } else if (/text|svg|json/.test(type) && /gzip/.test(request.headers['accept-encoding'] ?? '')) {
      response.writeHead(status, { ...headers, 'Content-Encoding': 'gzip' })
      createReadStream(file).pipe(createGzip()).pipe(response)
    } else {
      response.writeHead(status, headers)
      createReadStream(file).pipe(response)
    }
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() }
}

// Chromium, as a program that asks nobody anything.
export const browser = {
  executablePath: process.env.CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync']
}
