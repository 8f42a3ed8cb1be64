// Package preview serves the output folder of a site, so that an author sees
// the site without a web server.
//
// [New] answers as a static web host does, and [NewLive] also reloads open pages
// when they change. Two wrappers protect a preview, which may show drafts:
// [OnlyHost] refuses requests that name another host, and [Guests] lets other
// devices in the same network in after their users type a code.
//
// The package reads only below the output folder and writes no file. It does
// not build the site.
package preview
