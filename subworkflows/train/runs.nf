// Which trainings a TF needs, and what belongs together.

// The trainings of a TF: meta of each, with fold, kind (`all` tasks, or one task alone), the restarts of the training
// task, how many training tasks make a group (a fold and kind), and how many groups there are.
def runs_of(meta, provenance, plan) {
    def data = new groovy.json.JsonSlurper().parse(provenance).results
    def folds = data.folds.keySet()
    def kinds = ['all'] + (plan.single_tasks && data.tasks.size() > 1 ? data.tasks : [])
    def parts = (1..plan.restarts).collate(plan.restarts_per_task)
    [folds, kinds, parts].combinations { fold, kind, restarts ->
        def names = restarts.size() > 1 ? "${restarts.first()}-${restarts.last()}" : "${restarts.first()}"
        def id = "${meta.tf}.${kind}.fold_${fold}.restart_${names}".toString()
        def run = [id: id, fold: fold, kind: kind, restarts: restarts]
        meta + run + [parts: parts.size(), groups: folds.size() * kinds.size()]
    }
}

// What a fold and kind of a TF have in common; `parts` training tasks make it up.
def group_of(meta) {
    def id = "${meta.tf}.${meta.kind}.fold_${meta.fold}".toString()
    groupKey(meta.subMap(['tf', 'fold', 'kind', 'groups']) + [id: id], meta.parts)
}

// A TF; its groups make it up.
def tf_of(meta) {
    groupKey([id: meta.tf, tf: meta.tf], meta.groups)
}

// Lists of files in one list, in an order that does not depend on which task ended first.
def in_order(lists) {
    lists.flatten().sort { file -> file.name }
}
