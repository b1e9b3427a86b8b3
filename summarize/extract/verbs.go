package extract

import "strings"

// verb is something a person can take on, in the infinitive that a task is written with.
type verb struct {
	infinitive string
	strong     bool // saying it is taking it on; the others need a deadline beside them
}

// strongVerbs and weakVerbs list infinitive and presents: "inf pres pres ...", bokmål and nynorsk.
const strongVerbs = `sjekke sjekker sjekkar|sende sender|følge følger|følgje følgjer|lage lager lagar|skrive skriver skriv
kontakte kontakter kontaktar|ringe ringer|ringje ringjer|undersøke undersøker|undersøkje undersøkjer|ordne ordner ordnar
forberede forbereder|førebu førebur|innkalle innkaller|kalle kaller kallar|oppdatere oppdaterer|bestille bestiller|tinge tingar
kjøpe kjøper|innhente innhenter innhentar|hente henter hentar|avklare avklarer avklarar|avtale avtaler avtalar
rydde rydder ryddar|teste tester testar|publisere publiserer|levere leverer|utarbeide utarbeider utarbeidar
invitere inviterer|informere informerer|varsle varsler varslar|samle samler samlar|booke booker|purre purrer purrar
fikse fikser fiksar|utrede utreder|greie greier greiar|skaffe skaffer skaffar|registrere registrerer|rette retter rettar
dokumentere dokumenterer|reservere reserverer|sørge sørger|syte syter|koordinere koordinerer|gjennomføre gjennomfører
planlegge planlegger|planleggje planlegg|evaluere evaluerer|svare svarer svarar|organisere organiserer|melde melder
setje set|kvalitetssikre kvalitetssikrer kvalitetssikrar|fordele fordeler|installere installerer|montere monterer
reparere reparerer|oversende oversender|distribuere distribuerer`

const weakVerbs = `ta tar|ta tek|legge legger|leggje legg|sette setter|se ser|sjå ser|gå går|dele deler|orientere orienterer
holde holder|halde held|be ber|gi gir|gje gjev|komme kommer|kome kjem|snakke snakker snakkar|finne finner|finne finn
lese leser|lese les|møte møter|regne regner|rekne reknar|ha har|gjøre gjør|gjere gjer|ferdigstille ferdigstiller|presentere presenterer
bli blir|vise viser|levere leverer|si sier|seie seier|høre hører|høyre høyrer|prøve prøver|tegne tegner|teikne teiknar`

var verbs, infinitives = readVerbs()

// readVerbs maps presents, and infinitives, to verbs.
func readVerbs() (presents, infinitives map[string]verb) {
	presents, infinitives = map[string]verb{}, map[string]verb{}
	for text, strong := range map[string]bool{strongVerbs: true, weakVerbs: false} {
		for entry := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '|' || r == '\n' }) {
			f := strings.Fields(entry)
			v := verb{infinitive: f[0], strong: strong}
			if old, ok := infinitives[f[0]]; !ok || !old.strong {
				infinitives[f[0]] = v
			}
			for _, p := range f[1:] {
				if old, ok := presents[p]; !ok || !old.strong {
					presents[p] = v
				}
			}
		}
	}
	return presents, infinitives
}
