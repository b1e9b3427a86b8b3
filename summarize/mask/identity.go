package mask

import "strings"

// IdentityKind is which register an identity number belongs to.
type IdentityKind string

// The identity numbers that are known. The first four have eleven digits, beginning with a day of birth.
const (
	IdentityBirth IdentityKind = "fodselsnummer"
	IdentityD     IdentityKind = "d-nummer"   // day + 40
	IdentityH     IdentityKind = "h-nummer"   // month + 40
	IdentityDH    IdentityKind = "d-h-nummer" // both
	IdentityDUF   IdentityKind = "duf-nummer" // twelve digits, beginning with a year
)

// Identity is what the digits of an identity number tell, apart from whom they belong to.
type Identity struct {
	Kind      IdentityKind
	Synthetic bool // made for tests: month + 80
	// Valid says that the check digits fit. Without it the number is only possible: it has the length and a
	// day that exists, and one misheard digit is enough for that.
	Valid bool
	// From2032 says that the first check digit fits only by the rules that hold from 2032.
	From2032 bool
}

// ReadIdentity reads a string of eleven or twelve digits without separators. It is false when the length or
// the day cannot be those of an identity number.
func ReadIdentity(digits string) (Identity, bool) {
	d, ok := values(digits)
	if !ok {
		return Identity{}, false
	}
	switch len(d) {
	case 11:
		return readEleven(d)
	case 12:
		// The first four digits are the year of the application; the register began in the eighties.
		year := number(d[:4])
		id := Identity{Kind: IdentityDUF, Valid: weighted(d[:10], 4, 6, 3, 2, 4, 6, 3, 2, 7, 5)%11 == number(d[10:])}
		return id, 1980 <= year && year <= 2079 && number(d[10:]) <= 10
	}
	return Identity{}, false
}

func readEleven(d []int) (Identity, bool) {
	day, month, year := number(d[0:2]), number(d[2:4]), number(d[4:6])
	id := Identity{Kind: IdentityBirth}
	if day > 40 {
		id.Kind, day = IdentityD, day-40
	}
	switch {
	case month > 80:
		id.Synthetic, month = true, month-80
	case month > 40:
		month -= 40
		if id.Kind == IdentityD {
			id.Kind = IdentityDH
		} else {
			id.Kind = IdentityH
		}
	}
	if !dayExists(day, month, year) {
		return Identity{}, false
	}
	first := (weighted(d[:9], 3, 7, 6, 1, 8, 9, 4, 5, 2) + d[9]) % 11
	second := (weighted(d[:10], 5, 4, 3, 2, 7, 6, 5, 4, 3, 2) + d[10]) % 11
	id.Valid = first <= 3 && second == 0
	id.From2032 = id.Valid && first != 0
	return id, true
}

// dayExists tells days of a year without its century: 29 February when any such year has one.
func dayExists(day, month, year int) bool {
	if month < 1 || month > 12 || day < 1 {
		return false
	}
	last := [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
	if month == 2 && year%4 == 0 {
		last = 29
	}
	return day <= last
}

// ValidAccount reports whether eleven digits are a Norwegian bank account number with its check digit.
func ValidAccount(digits string) bool {
	d, ok := values(digits)
	return ok && len(d) == 11 && (weighted(d[:10], 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)+d[10])%11 == 0
}

// ValidOrganisation reports whether nine digits are a Norwegian organisation number with its check digit.
func ValidOrganisation(digits string) bool {
	d, ok := values(digits)
	return ok && len(d) == 9 && d[0] >= 8 && (weighted(d[:8], 3, 2, 7, 6, 5, 4, 3, 2)+d[8])%11 == 0
}

// validCard is Luhn's check of a payment card's 16 digits.
func validCard(digits string) bool {
	d, ok := values(digits)
	if !ok || len(d) != 16 || d[0] < 2 || d[0] > 6 {
		return false
	}
	sum := 0
	for i, n := range d {
		if i%2 == 0 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0
}

func values(digits string) ([]int, bool) {
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return nil, false
	}
	d := make([]int, len(digits))
	for i := range digits {
		d[i] = int(digits[i] - '0')
	}
	return d, true
}

func weighted(d []int, weights ...int) int {
	sum := 0
	for i, w := range weights {
		sum += w * d[i]
	}
	return sum
}

func number(d []int) int {
	n := 0
	for _, v := range d {
		n = 10*n + v
	}
	return n
}
