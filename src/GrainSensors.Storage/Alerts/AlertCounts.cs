using GrainSensors.Core.Alerts;

namespace GrainSensors.Storage.Alerts;

/// <summary>Numbers of open alerts.</summary>
/// <param name="ByKind">By the word of the kind, also of kinds that only later versions know. A kind without open alerts is absent.</param>
/// <param name="Acknowledged">Acknowledged alerts of all kinds.</param>
public sealed record AlertCounts(IReadOnlyDictionary<string, int> ByKind, int Acknowledged)
{
    public int Open => ByKind.Values.Sum();

    public int Of(AlertKind kind) => ByKind.GetValueOrDefault(kind.Name());

    /// <param name="rows">The rows of <see cref="AlertStatements.CountOpen"/>.</param>
    internal static AlertCounts Of(IReadOnlyCollection<(string Kind, long Open, long Acknowledged)> rows) => new(
        rows.ToDictionary(row => row.Kind, row => (int)row.Open), (int)rows.Sum(row => row.Acknowledged));
}
