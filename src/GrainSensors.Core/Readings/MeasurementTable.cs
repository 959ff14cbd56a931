using System.Collections.Immutable;
using System.Text;
using GrainSensors.Core.Text;

namespace GrainSensors.Core.Readings;

/// <summary>The measurements of a <see cref="MeasurementCatalog"/> at one time.</summary>
internal sealed class MeasurementTable
{
    private readonly Dictionary<byte[], KnownMeasurement> _byName;

    public MeasurementTable(ImmutableArray<KnownMeasurement> all)
    {
        All = all;
        _byName = all.ToDictionary(known => known.Utf8Name, Utf8Comparer.Instance);
    }

    public ImmutableArray<KnownMeasurement> All { get; }

    public KnownMeasurement? Find(string name) => Find(Encoding.UTF8.GetBytes(name));

    /// <param name="utf8">The name as UTF-8, without escapes.</param>
    public KnownMeasurement? Find(ReadOnlySpan<byte> utf8) =>
        _byName.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(utf8, out var known) ? known : null;
}
