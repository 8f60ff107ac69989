// Package pfa writes a fitted model as one self-contained document of the Portable Format for Analytics (Data Mining
// Group, PFA 0.8.1), which scores in another runtime as the model itself predicts.
//
// The input is a record with a field per column of the training table, the output a double (regression) or the name of
// the most probable class. A number that is missing is NaN; a text that is none of the levels learned counts as missing.
package pfa
