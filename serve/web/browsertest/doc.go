// Package browsertest uses the service's page as people do, in a real browser. It is a module of its own, so that what drives the
// browser never reaches who builds the engine.
package browsertest
