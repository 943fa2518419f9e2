#include "link/phrases.h"

#include <cstdio>
#include <cstdlib>

namespace aethel {
namespace {

constexpr Message phrases[] = {
    {"stage-declared", "{detail} says so", "{detail} o diz"},
    {"stage-file-name", "the name of {detail}", "o nome de {detail}"},
    {"stage-folder", "the folder {detail}", "a pasta {detail}"},
    {"stage-content", "{detail}", "{detail}"},
    {"stage-command", "started by {detail}", "iniciado por {detail}"},
    {"stage-called", "called by {detail}", "chamado por {detail}"},
    {"stage-title", "the title of {detail}", "o título de {detail}"},
    {"stage-sibling", "a production file stands beside {detail}",
     "há um arquivo de produção ao lado de {detail}"},
    {"stage-disclaimer", "{detail} says that it is not for production",
     "{detail} diz que não é para produção"},
    {"started-by", "started by a command", "iniciado por um comando"},
    {"mentioned-by", "named by a remark", "citado por um comentário"},
    {"referenced-here", "referenced here", "referenciado aqui"},
    {"defined-here", "defined here", "definido aqui"},
    {"given-here", "given here", "informado aqui"},
    {"also-here", "also here", "também aqui"},
    {"needed-here", "needed here", "necessário aqui"},
    {"through-override", "overridden by this file", "sobrescrito por este arquivo"},
    {"through-extends", "inherited by this `extends`", "herdado por este `extends`"},
    {"through-include", "brought in by this `include`", "trazido por este `include`"},
    {"through-env-file", "read through this `env_file`", "lido por este `env_file`"},
    {"verdict-ready", "ready: nothing blocks this repository",
     "pronto: nada bloqueia este repositório"},
    {"verdict-ready-with-findings", "ready, with findings: nothing blocks, {count} to look at",
     "pronto, com ressalvas: nada bloqueia, {count} a rever"},
    {"verdict-not-ready", "not ready: {count} blockers", "não está pronto: {count} bloqueadores"},
    {"verdict-not-ready-one", "not ready: 1 blocker", "não está pronto: 1 bloqueador"},
    {"verdict-unknown", "unknown: part of what is started could not be analysed",
     "desconhecido: parte do que é iniciado não pôde ser analisada"},
    {"verdict-nothing", "nothing to audit: no compose file, no env file was found",
     "nada a auditar: nenhum arquivo compose ou env foi encontrado"},
    {"heading-blockers", "Blockers", "Bloqueadores"},
    {"heading-findings", "Findings", "Achados"},
    {"heading-targets", "Targets", "Alvos"},
    {"heading-summary", "Summary", "Resumo"},
    {"heading-requirements",
     "Requirements: production needs them and a repository cannot prove them",
     "Requisitos: a produção precisa deles e um repositório não pode prová-los"},
    {"heading-not-analysed", "Not analysed", "Não analisado"},
    {"heading-references", "References", "Referências"},
    {"category", "category", "categoria"},
    {"total", "total", "total"},
    {"more-findings", "{count} more; `-v` shows all", "mais {count}; `-v` mostra todos"},
    {"more-requirements", "{count} more; `-v` shows all", "mais {count}; `-v` mostra todos"},
    {"more-targets", "{count} more; `-v` shows all", "mais {count}; `-v` mostra todos"},
    {"more-not-analysed", "{count} more; `-v` shows all", "mais {count}; `-v` mostra todos"},
    {"more-gone", "{count} more; `-v` shows all", "mais {count}; `-v` mostra todos"},
    {"more-times", "{count} more times", "mais {count} vezes"},
    {"ignored-count", "{count} ignored by aethel.yaml or comments",
     "{count} ignorados por aethel.yaml ou comentários"},
    {"ignored-by-configuration", "ignored by aethel.yaml: {reason}",
     "ignorado por aethel.yaml: {reason}"},
    {"ignored-by-comment", "ignored by a comment: {reason}",
     "ignorado por um comentário: {reason}"},
    {"below-limit", "{priority}: below the limit of this run, {limit}",
     "{priority}: abaixo do limite desta execução, {limit}"},
    {"all-analysed", "all that was claimed was analysed",
     "tudo o que foi reconhecido foi analisado"},
    {"github-limit",
     "GitHub shows {shown} annotations of a kind in a step: {count} of {kind}, the "
     "rest are lines above",
     "o GitHub mostra {shown} anotações de um tipo por etapa: {count} de {kind}, o resto são "
     "linhas "
     "acima"},
    {"baseline-counts",
     "new: {fresh}; in the baseline {file}: {old}, expired: {expired}; no longer found: {gone}",
     "novos: {fresh}; na linha de base {file}: {old}, expirados: {expired}; não mais encontrados: "
     "{gone}"},
    {"baseline-old", "in the baseline {file}", "na linha de base {file}"},
    {"baseline-expired", "in the baseline {file}, where its entry has expired: it counts again",
     "na linha de base {file}, onde a sua entrada expirou: conta de novo"},
    {"baseline-hidden", "{count} more are in the baseline; `-v` shows all",
     "mais {count} estão na linha de base; `-v` mostra todos"},
    {"baseline-new", "of these new", "destes, novos"},
    {"baseline-gone", "In the baseline and no longer found: `--update-baseline` drops them",
     "Na linha de base e não mais encontrados: `--update-baseline` os remove"},
    {"baseline-gone-one", "in the baseline and no longer found: {rule} {path} {name}",
     "na linha de base e não mais encontrado: {rule} {path} {name}"},
    {"baseline-written", "{file}: {count} entries, {added} added, {dropped} dropped",
     "{file}: {count} entradas, {added} adicionadas, {dropped} removidas"},
    {"baseline-as-it-is", "{file}: nothing to change", "{file}: nada a mudar"},
    {"effort", "effort: {low} to {high} hours", "esforço: {low} a {high} horas"},
    {"help", "help", "ajuda"},
    {"searching-root", "auditing {root}, the repository around the current folder",
     "auditando {root}, o repositório em volta da pasta atual"},
    {"see-explain", "`aethel explain {rule}` tells more about a rule",
     "`aethel explain {rule}` explica uma regra"},
    {"stage", "stage", "estágio"},
    {"production", "production", "produção"},
    {"staging", "staging", "homologação"},
    {"development", "development", "desenvolvimento"},
    {"test", "test", "teste"},
    {"example", "example", "exemplo"},
    {"unknown", "unknown", "desconhecido"},
    {"config", "configuration", "configuração"},
    {"secrets", "secrets", "segredos"},
    {"cicd", "CI/CD", "CI/CD"},
    {"monitoring", "monitoring", "monitoramento"},
    {"backup", "backup", "backup"},
    {"tls", "TLS", "TLS"},
    {"health", "health", "saúde"},
    {"kubernetes", "Kubernetes", "Kubernetes"},
    {"infra", "infrastructure", "infraestrutura"},
    {"satisfied", "satisfied", "satisfeito"},
    {"placeholder", "placeholder", "valor de exemplo"},
    {"unverified", "unverified", "não verificado"},
    {"env-variable", "environment variable", "variável de ambiente"},
    {"file", "file", "arquivo"},
    {"ci-secret", "CI secret", "segredo de CI"},
    {"ci-variable", "CI variable", "variável de CI"},
    {"dns-record", "DNS record", "registro DNS"},
    {"cluster", "cluster", "cluster"},
    {"nothing-applies", "nothing in the repository starts it", "nada no repositório o inicia"},
};

} // namespace

std::span<const Message> all_phrases() { return phrases; }

std::string phrase(std::string_view id, const Arguments& arguments, Language language) {
  for (const Message& message : phrases)
    if (message.id == id) return text_of(message, arguments, language);
  std::fprintf(stderr, "aethel: no phrase \"%.*s\"\n", static_cast<int>(id.size()), id.data());
  std::abort();
}

} // namespace aethel
