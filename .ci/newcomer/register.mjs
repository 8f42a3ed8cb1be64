// Registers a passkey as the owner's phone does, and writes it to a file.
//
//   node register.mjs https://ada.example/auth/register#SECRET passkey.json

import { openPhone } from './passkey.mjs'

const [link, passkeys] = process.argv.slice(2)
const phone = await openPhone(passkeys)
try {
  await phone.register(link)
} finally {
  await phone.close()
}
