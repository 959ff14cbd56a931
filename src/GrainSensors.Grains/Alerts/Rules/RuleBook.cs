using System.Text.Json;
using GrainSensors.Core.Alerts.Rules;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Text;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Rules;

namespace GrainSensors.Grains.Alerts.Rules;

/// <summary>The stored rules, for people who change them. <see cref="RuleDirectory"/> applies them.</summary>
public sealed class RuleBook(IRuleStore store, MeasurementSet measurements, TimeProvider clock)
{
    public Task<IReadOnlyList<StoredRule>> ReadAsync(CancellationToken cancellationToken) => store.ReadAsync(cancellationToken);

    public async Task<StoredRule?> FindAsync(string id, CancellationToken cancellationToken) =>
        (await store.ReadAsync(cancellationToken)).FirstOrDefault(rule => rule.Id == id);

    /// <param name="id">As for <see cref="RuleDocument.Parse"/>.</param>
    /// <exception cref="FormatException">The rule is invalid; the message names the member and the valid values.</exception>
    public static AlertRule Check(JsonElement json, MeasurementSet measurements, string? id = null)
    {
        var rule = RuleDocument.Parse(json, measurements, id);
        _ = rule.Message is null ? null : new RuleTemplate(rule.Message);
        return rule;
    }

    /// <returns>Why a stored rule is not applied; null: it is.</returns>
    public string? ProblemOf(StoredRule stored)
    {
        try
        {
            using var json = JsonDocument.Parse(stored.Document);
            Check(json.RootElement, measurements, stored.Id);
            return null;
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return PrintableText.Escape(e.Message);
        }
    }

    /// <param name="expected">As for <see cref="IRuleStore.WriteAsync"/>.</param>
    /// <param name="by">The name of the access key or of the user.</param>
    /// <exception cref="FormatException">The rule is invalid.</exception>
    public async Task<(StoredRule Rule, RuleChange Change)> WriteAsync(
        string id, JsonElement json, long? expected, string by, CancellationToken cancellationToken)
    {
        Check(json, measurements, id);
        var rule = new StoredRule(id, JsonSerializer.Serialize(json), 0, EpochTime.Now(clock), by);
        var change = await store.WriteAsync(rule, expected, cancellationToken);
        return (rule with { Version = change.Version ?? 0 }, change);
    }

    public Task<RuleChange> RemoveAsync(string id, long? expected, CancellationToken cancellationToken) =>
        store.RemoveAsync(id, expected, cancellationToken);
}
