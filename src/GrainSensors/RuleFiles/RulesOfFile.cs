using System.Text.Json;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Storage.Rules;

namespace GrainSensors.RuleFiles;

/// <summary>The rules of a file in the place of those of a store.</summary>
internal sealed class RulesOfFile(IReadOnlyList<(string Id, JsonElement Json)> rules) : IRuleStore
{
    /// <exception cref="UsageException">The file cannot be read, or a rule is invalid.</exception>
    public static RulesOfFile Read(string path, MeasurementSet measurements)
    {
        var rules = RuleFile.Read(path);
        var several = RuleFile.Check(rules, path, measurements)
            .FirstOrDefault(rule => rule is { IsEnabled: true, Condition: SelectionCondition });
        return several is null
            ? new(rules)
            : throw new UsageException(
                $"{path}, rule {several.Id}: a replay has no rules about several sensors; leave the rule out.");
    }

    public Task<long> ReadVersionAsync(CancellationToken cancellationToken) => Task.FromResult(1L);

    public Task<IReadOnlyList<StoredRule>> ReadAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<StoredRule>>([.. rules.Select(rule => new StoredRule(rule.Id, rule.Json.GetRawText(), 1, 0, ""))]);

    public Task<RuleChange> WriteAsync(StoredRule rule, long? expected, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<RuleChange> RemoveAsync(string id, long? expected, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
