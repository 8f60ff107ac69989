// Package operatortest is the constitution of operators: Run holds every catalogue entry to the contract of package
// operators, Golden to the numbers that scikit-learn gives. A family's test is two lines per operator.
package operatortest
