module github.com/lren-chuv/automl

go 1.26

require (
	github.com/MaxHalford/eaopt v0.4.2 // indirect
	github.com/vmihailenco/msgpack/v5 v5.4.1 // indirect
	github.com/vmihailenco/tagparser/v2 v2.0.0 // indirect
	golang.org/x/sync v0.12.0 // indirect
	gonum.org/v1/gonum v0.17.0 // indirect
)
