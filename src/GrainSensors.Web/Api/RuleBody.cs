using System.Text.Json;
using GrainSensors.Core.Time;
using GrainSensors.Grains.Alerts.Rules;
using GrainSensors.Storage.Rules;

namespace GrainSensors.Web.Api;

/// <summary>An alert rule.</summary>
/// <param name="Version">Grows with each change; <c>If-Match</c> takes it.</param>
/// <param name="Rule">The rule as it was written: kind, selector and parameters.</param>
/// <param name="Problem">Why it is not applied; null: it is, unless it is disabled.</param>
internal sealed record RuleBody(string Id, long Version, JsonElement Rule, string? Problem, DateTime ChangedAt, string ChangedBy)
{
    public static RuleBody Of(StoredRule rule, RuleBook book) => new(
        rule.Id,
        rule.Version,
        JsonSerializer.Deserialize<JsonElement>(rule.Document),
        book.ProblemOf(rule),
        EpochTime.ToDateTime(rule.ChangedAt),
        rule.ChangedBy);
}
