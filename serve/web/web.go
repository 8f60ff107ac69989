// Package web holds the page of the service: files that are served as they are.
package web

import (
	"embed"
	"io/fs"
)

//go:embed static
var static embed.FS

// Files are the page's files; the page itself is index.html.
var Files fs.FS = sub()

func sub() fs.FS {
	f, err := fs.Sub(static, "static")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	return f
}
