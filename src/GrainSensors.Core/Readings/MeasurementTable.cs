using System.Collections.Immutable;
using GrainSensors.Core.Text;

namespace GrainSensors.Core.Readings;

/// <summary>The measurements of a <see cref="MeasurementCatalog"/> at one time.</summary>
internal sealed class MeasurementTable(ImmutableArray<KnownMeasurement> all)
{
    private readonly Dictionary<byte[], KnownMeasurement> _byUtf8 = all.ToDictionary(known => known.Utf8Name, Utf8Comparer.Instance);
    private readonly Dictionary<string, KnownMeasurement> _byName = all.ToDictionary(known => known.Name, StringComparer.Ordinal);

    public ImmutableArray<KnownMeasurement> All => all;

    public KnownMeasurement? Find(string name) => _byName.GetValueOrDefault(name);

    /// <param name="utf8">The name as UTF-8, without escapes.</param>
    public KnownMeasurement? Find(ReadOnlySpan<byte> utf8) =>
        _byUtf8.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(utf8, out var known) ? known : null;
}
