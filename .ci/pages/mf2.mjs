// Reads the notes of a site from their files and the same notes from their
// pages, the latter with microformats-parser, and compares every property.
import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { JSON_SCHEMA, load } from 'js-yaml'
import { mf2 } from 'microformats-parser'

// compare tells report what differs, and returns how many notes it compared.
export async function compare (site, report) {
  const config = await readConfig(site)
  let count = 0
  for (const file of (await readdir(join(site, 'content'), { recursive: true })).sort()) {
    if (!file.endsWith('.md') || file === 'index.md') continue
    const note = await readNote(join(site, 'content'), file, config)
    if (!note) continue
    count++
    const html = await readFile(join(site, 'public', note.path, 'index.html'), 'utf8')
    const { items } = mf2(html, { baseUrl: config.url + note.path.slice(1) })
    if (items.length !== 1) report(`${file}: its page has ${items.length} items`)
    else difference(note, items[0], what => report(`${file}: ${what}`))
  }
  await frontPage(site, config, report)
  return count
}

// difference compares a note with the item that its page has.
function difference (note, item, report) {
  if (!isDeepStrictEqual(item.type, note.type)) report(`is ${item.type}`)
  for (const name of new Set([...Object.keys(note.properties), ...Object.keys(item.properties)])) {
    const wanted = note.properties[name] ?? []
    const got = item.properties[name] ?? []
    const same = name === 'content'
      ? got.length === 1 && wanted[0].every(word => got[0].value.includes(word))
      : /^\d{4}-\d\d-\d\d$/.test(wanted) // a day is at its beginning, in the site's time zone
        ? got.length === 1 && got[0].startsWith(wanted[0] + 'T00:00')
        : isDeepStrictEqual(got.map(plain), wanted.map(plain))
    if (!same) report(`${name} is ${JSON.stringify(got)}, want ${JSON.stringify(wanted)}`)
  }
}

// plain leaves out how a parser spells what it found: the value that stands for
// a nested object, and the two ways of writing an instant.
function plain (value) {
  if (typeof value === 'string') {
    return /^\d{4}-\d\d-\d\d[T ]\d/.test(value) ? new Date(value).toISOString() : value
  }
  if (value.type) {
    return { type: value.type, properties: Object.fromEntries(Object.entries(value.properties).map(([k, v]) => [k, v.map(plain)]).sort()) }
  }
  return value
}

async function readConfig (site) {
  const text = await readFile(join(site, 'starpunk.toml'), 'utf8')
  const value = key => text.match(new RegExp(`^${key} = "(.*)"`, 'm'))?.[1]
  const author = text.slice(text.indexOf('[author]'))
  const url = value('url')
  return {
    url,
    author: { name: author.match(/^name = "(.*)"/m)[1], photo: new URL(author.match(/^photo = "(.*)"/m)[1], url).href },
    links: JSON.parse(author.match(/^links = (.*)$/m)[1])
  }
}

// readNote is a note as its page should have it; null if it has no page.
async function readNote (content, file, config) {
  const text = await readFile(join(content, file), 'utf8')
  const [, front, body] = text.match(/^---\n(.*?)\n---\n(.*)$/s) ?? [null, '', text]
  const f = load(front, { schema: JSON_SCHEMA }) ?? {}
  const day = f.date?.slice(0, 10)
  if (f.draft || f.visibility === 'private' || day > '2026-12-31') return null
  const base = basename(file, '.md') === 'index' ? basename(dirname(file)) : basename(file, '.md').replace(/^\d\d-/, '')
  const path = day ? `/${day.slice(0, 4)}/${day.slice(5, 7)}/${f.slug ?? base}/` : `/${base}/`
  const url = config.url + path.slice(1)
  const absolute = address => new URL(address, url).href
  const list = value => value === undefined ? [] : [value].flat()
  const card = { type: ['h-card'], properties: { name: [config.author.name], photo: [config.author.photo], url: [config.url] } }

  const p = { author: [card], url: [url], uid: [url] }
  const put = (name, values) => { if (values.length) p[name] = values }
  put('name', list(f.title))
  put('summary', list(f.summary))
  put('published', list(f.date))
  put('updated', list(f.updated))
  put('category', [...list(f.tags), ...list(f.properties?.category).map(nested)])
  put('photo', list(f.photo).map(v => v.alt ? { value: absolute(v.value), alt: v.alt } : absolute(v.value ?? v)))
  put('video', list(f.video).map(v => absolute(v.value ?? v)))
  put('audio', list(f.audio).map(v => absolute(v.value ?? v)))
  for (const name of ['in-reply-to', 'like-of', 'repost-of', 'bookmark-of', 'read-of', 'checkin', 'location']) {
    put(name, list(f[name]).map(nested))
  }
  for (const name of ['rsvp', 'read-status', 'start', 'end', 'syndication']) put(name, list(f[name]))
  const words = wordsOf(body, f.format === 'html')
  if (body.trim()) p.content = [words]
  return { path, type: [`h-${f.h ?? 'entry'}`], properties: p }
}

// nested is a value of a note as it should be read back from a page.
function nested (value) {
  if (typeof value === 'string') {
    const geo = value.match(/^geo:([^,]+),([^;,]+)/)
    return geo ? { type: ['h-geo'], properties: { latitude: [geo[1]], longitude: [geo[2]] } } : value
  }
  const properties = {}
  for (const [name, values] of Object.entries(value.properties)) {
    properties[name] = [values].flat().map(v => name === 'author' && typeof v === 'string'
      ? { type: ['h-card'], properties: { name: [v] } }
      : nested(v))
  }
  return { type: value.type, properties }
}

// wordsOf are the longer words of a text, without code, addresses and tags.
function wordsOf (body, isHTML) {
  const text = isHTML
    ? body.replace(/<script>.*?<\/script>/g, '').replace(/<[^>]*>/g, ' ')
    : body.replace(/```.*?```/gs, '').replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/https?:\S+|<!--.*?-->|`[^`]*`|\[\^?\w+\]:?/g, ' ')
  return text.match(/\p{L}{4,}/gu) ?? []
}

// The front page says who the owner is: a representative h-card, with links
// rel=me, and a feed of which every entry has its author.
async function frontPage (site, config, report) {
  const { items, rels } = mf2(await readFile(join(site, 'public/index.html'), 'utf8'), { baseUrl: config.url })
  const card = items.find(i => i.type.includes('h-card'))
  if (!card?.properties.url?.includes(config.url) || !card.properties.uid?.includes(config.url)) {
    report(`the front page has no representative h-card, but ${JSON.stringify(card)}`)
  }
  for (const link of config.links) {
    if (!rels.me?.includes(link)) report(`the front page lacks rel=me to ${link}`)
  }
  const entries = items.find(i => i.type.includes('h-feed'))?.children ?? []
  if (entries.length === 0) report('the front page has no feed')
  for (const entry of entries) {
    if (entry.properties.author?.[0].properties?.url?.[0] !== config.url) report(`on the front page ${entry.properties.url} has no author`)
    if (!entry.properties.published) report(`on the front page ${entry.properties.url} has no date`)
  }
}
