using System.Collections.Immutable;
using System.Text;

namespace GrainSensors.Core.Readings;

/// <summary>The measurements that a process knows, with numbers: the declared ones in their order, then others as they are found.</summary>
/// <remarks>
/// Numbers stay in the process. Rows, states and messages between silos have names, so no number can mean another measurement after a
/// restart, on another silo, or in a restored store. Numbers are small and never change while the process lives. Reading takes no lock.
/// </remarks>
/// <param name="declared">The measurements of the configuration.</param>
/// <param name="discovery">Which others are taken from readings. Null: none.</param>
public sealed class MeasurementCatalog(MeasurementSet declared, DiscoveryRules? discovery = null)
{
    private readonly Lock _gate = new();
    private volatile MeasurementTable _table =
        new([.. declared.All.Select((measurement, number) => new KnownMeasurement(number, measurement, MeasurementState.Declared))]);

    private volatile bool _isFull;

    public MeasurementSet Declared => declared;

    public DiscoveryRules Discovery { get; } = discovery ?? DiscoveryRules.None;

    /// <summary>All measurements by number, as of now.</summary>
    public ImmutableArray<KnownMeasurement> All => _table.All;

    /// <summary>The names that readings have and that are neither stored nor refused yet.</summary>
    public IReadOnlyList<string> Proposed => [.. InState(MeasurementState.Proposed)];

    internal MeasurementTable Table => _table;

    public string NameOf(int number) => _table.All[number].Name;

    /// <returns>The number of the name. A new name gets one, but its values are not taken from readings.</returns>
    public int NumberOf(string name) => (_table.Find(name) ?? Set(name, MeasurementState.Known)).Number;

    /// <summary>Whether values of the measurement were refused: its name is not stored, because there are too many.</summary>
    public bool IsRefused(int number) => _table.All[number].State == MeasurementState.Known;

    /// <summary>Proposes the name of a measurement that a reading has.</summary>
    /// <returns>Null: there are too many measurements.</returns>
    internal KnownMeasurement? Propose(ReadOnlySpan<byte> utf8)
    {
        if (_isFull || _table.All.Count(known => known.State is MeasurementState.Proposed or MeasurementState.Admitted) >= Discovery.Max)
        {
            return null;
        }

        return Set(Encoding.UTF8.GetString(utf8), MeasurementState.Proposed);
    }

    /// <summary>Takes over the names that are stored, and refuses those that were proposed and are not among them.</summary>
    /// <param name="proposed">The names that were proposed.</param>
    /// <param name="stored">All names of the store.</param>
    public void Decide(IEnumerable<string> proposed, IReadOnlyCollection<string> stored)
    {
        lock (_gate)
        {
            _isFull = stored.Count >= Discovery.Max;
            foreach (var name in stored.Where(name => Discovery.Cover(Encoding.UTF8.GetBytes(name))))
            {
                Set(name, MeasurementState.Admitted);
            }

            foreach (var name in proposed.Except(stored, StringComparer.Ordinal))
            {
                Set(name, MeasurementState.Known);
            }
        }
    }

    /// <returns>The names of all measurements that were found in readings and are stored.</returns>
    public IReadOnlyList<string> Admitted => [.. InState(MeasurementState.Admitted)];

    private IEnumerable<string> InState(MeasurementState state) =>
        _table.All.Where(known => known.State == state).Select(known => known.Name);

    private KnownMeasurement Set(string name, MeasurementState state)
    {
        lock (_gate)
        {
            var known = _table.Find(name);
            if (known is not null && (known.IsDeclared || known.State == state || (state == MeasurementState.Proposed && known.IsTaken)))
            {
                return known;
            }

            var added = new KnownMeasurement(known?.Number ?? _table.All.Length, DiscoveryRules.NewMeasurement(name), state);
            _table = new(known is null ? _table.All.Add(added) : _table.All.SetItem(known.Number, added));
            return added;
        }
    }
}
