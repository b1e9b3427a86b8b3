// Package access says who may do what: the roles that people have in departments, the permissions that
// acts need, one table of which role holds which permission, and the decision over all of it.
//
// A meeting belongs to one department, or to none: then it is its owner's alone. A person has any number
// of roles in any number of departments, or in all of them ([All]). A department of health is never
// reached by a role that holds for all: who is to know, is made a member of that very department.
//
// Everything here is pure. What is not here: where roles are kept (package store), how a request is
// refused, and which route needs which permission (package web).
package access
