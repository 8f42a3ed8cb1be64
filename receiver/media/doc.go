// Package media decides what an uploaded file is by looking at its content, and
// takes out of it what says where, when and by whom it was made.
//
// [Clean] copies an upload from one place to another on the way to being
// published. The pictures and the sound come out as they went in, bit for bit:
// nothing is decoded and encoded again. What is known to be needed to show or
// play the file is copied; everything else is left behind, whatever it is:
// EXIF, XMP and IPTC, comments, thumbnails, GPS tracks beside a video, names of
// devices and programs, unknown chunks, brands of films that name
// a camera, bytes of a film that no track refers to, and what a second file hides
// after the end of the first. Which way up a picture is held is kept.
// The songs of MP3 and Ogg files keep their title, artist, album, track and
// genre; M4A keeps none of these, since telephones name a recording after the
// street that it was made in.
//
// Cleaning a clean file changes nothing, so that the hash of what came out can
// serve as its name. However large the file is, it is read through one small
// buffer. A refusal is an [Error], whose sentence may be shown to the sender.
//
// The package never trusts a file name or a declared type, never holds a file
// in memory, and knows neither HTTP nor where files are kept. What is part of
// the picture or the sound itself (a face, a voice, a watermark, an ICC profile,
// a note within a video frame) is beyond its reach.
package media
