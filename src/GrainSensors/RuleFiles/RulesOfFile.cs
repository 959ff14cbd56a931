using System.Text.Json;
using GrainSensors.Storage.Rules;

namespace GrainSensors.RuleFiles;

/// <summary>The rules of a file in the place of those of a store.</summary>
internal sealed class RulesOfFile(IReadOnlyList<(string Id, JsonElement Json)> rules) : IRuleStore
{
    public Task<long> ReadVersionAsync(CancellationToken cancellationToken) => Task.FromResult(1L);

    public Task<IReadOnlyList<StoredRule>> ReadAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<StoredRule>>([.. rules.Select(rule => new StoredRule(rule.Id, rule.Json.GetRawText(), 1, 0, ""))]);

    public Task<RuleChange> WriteAsync(StoredRule rule, long? expected, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<RuleChange> RemoveAsync(string id, long? expected, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
