// Package picture has the sizes at which the pictures of a site are shown, so that a page
// does not move while they are loaded.
//
// A [Sizes] reads each file once as long as it does not change. The package does not read
// notes, and decides nothing about the pages that show a picture.
package picture
