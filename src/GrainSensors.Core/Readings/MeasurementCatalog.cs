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

    /// <summary>The names of all measurements that were found in readings and are stored.</summary>
    public IEnumerable<string> Admitted =>
        _table.All.Where(known => known.State == MeasurementState.Admitted).Select(known => known.Name);

    internal MeasurementTable Table => _table;

    /// <summary>Whether the store has as many names as <see cref="DiscoveryRules.Max"/> allows.</summary>
    internal bool IsFull => _isFull;

    public string NameOf(int number) => _table.All[number].Name;

    /// <returns>The number of the name. A new name gets one, but its values are not taken from readings.</returns>
    public int NumberOf(string name) => (_table.Find(name) ?? Add(name)).Number;

    /// <summary>Whether values of the measurement count: it is declared, or its name is stored.</summary>
    public bool IsTaken(int number) => _table.All[number].IsTaken;

    /// <inheritdoc cref="Measurement.HasSketch"/>
    public bool HasSketch(int number) => _table.All[number].Measurement.HasSketch;

    /// <summary>Finds the measurement of a reading. Unless it is taken already, the reading must wait until the name is stored.</summary>
    /// <returns>Null: there are too many measurements.</returns>
    internal KnownMeasurement? Propose(byte[] utf8)
    {
        if (_table.Find(utf8) is { } known)
        {
            return known.IsTaken || !_isFull ? known : null;
        }

        // Names that were never stored, because their messages became dead letters, have numbers too.
        return _isFull || _table.All.Length >= declared.Count + (2 * Discovery.Max) ? null : Add(Encoding.UTF8.GetString(utf8));
    }

    /// <summary>Takes over the names that are stored.</summary>
    /// <param name="stored">All names of the store, each once.</param>
    public void Admit(IReadOnlyCollection<string> stored)
    {
        string[] covered = [.. stored.Where(name => Discovery.Cover(Encoding.UTF8.GetBytes(name)))];
        lock (_gate)
        {
            var all = _table.All.ToBuilder();
            foreach (var name in covered)
            {
                if (_table.Find(name) is not { } known)
                {
                    all.Add(New(name, all.Count, MeasurementState.Admitted));
                }
                else if (!known.IsTaken)
                {
                    all[known.Number] = New(name, known.Number, MeasurementState.Admitted);
                }
            }

            _table = new(all.ToImmutable());
            _isFull = covered.Length >= Discovery.Max;
        }
    }

    private KnownMeasurement Add(string name)
    {
        lock (_gate)
        {
            if (_table.Find(name) is { } known)
            {
                return known;
            }

            var added = New(name, _table.All.Length, MeasurementState.Known);
            _table = new(_table.All.Add(added));
            return added;
        }
    }

    private KnownMeasurement New(string name, int number, MeasurementState state) =>
        new(number, DiscoveryRules.NewMeasurement(name) with { HasSketch = Discovery.HasSketches }, state);
}
