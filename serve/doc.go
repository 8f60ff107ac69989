// Package serve is the experiment service: tables and experiments over HTTP, for the page that it brings along and for programs,
// and the routes of the Medical Informatics Platform's algorithm factory.
//
// Every experiment is a job that is written down before it is answered for ([job.Queue]); what is worked on elsewhere or again
// after a kill is decided there. Handlers read and write the store and the folders of jobs, and hold no state of their own.
package serve
