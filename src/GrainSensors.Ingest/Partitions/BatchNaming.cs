using GrainSensors.Core.Readings;
using GrainSensors.Core.Text;
using GrainSensors.Core.Time;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Discovery;
using GrainSensors.Storage.Names;

namespace GrainSensors.Ingest.Partitions;

/// <summary>
/// Gives the readings of a batch the numbers of their sensors' names, and has the names of their measurements stored. Both are durable
/// before a reading with them is dispatched.
/// </summary>
/// <remarks>
/// <para>
/// Whether a new name gets a number depends on the time. So a message that gets none is a refusal, which is stored before its batch is
/// dispatched. A message whose sensor got a number finds it again.
/// </para>
/// <para>
/// Names that got no number are not asked for again for a few seconds. The memory is that of one loop, which asked while it owned the
/// partition, and ends with a rewind: a name that it takes for one without a number had none in the store when the loop began, nor when
/// the loop took earlier messages. So no loop has accepted a message that this one refuses.
/// </para>
/// </remarks>
/// <param name="names">Null if no sensor has a name.</param>
/// <param name="discovery">Null if all measurements are declared.</param>
internal sealed class BatchNaming(ISensorNames? names, MeasurementDiscovery? discovery, TimeProvider clock)
{
    /// <summary>After this time a name whose limit was raised, or that another silo has given a number, gets it here.</summary>
    private static readonly TimeSpan RefusalMemory = TimeSpan.FromSeconds(5);

    /// <summary>A device that sends another name each time profits from no memory.</summary>
    private const int MaxRefused = 10_000;

    /// <summary>The length of a quoted name, in characters.</summary>
    private const int MaxQuote = 60;

    private readonly HashSet<byte[]> _refused = new(Utf8Comparer.Instance);
    private long _refusedFrom;
    private ReadingBatch? _held;

    /// <summary>Whether readings wait for <see cref="NameAsync(FetchedBatch)"/>.</summary>
    public bool IsHolding => _held is not null;

    /// <summary>Forgets which names got no number.</summary>
    public void Forget() => _refused.Clear();

    /// <summary>Keeps the readings of a batch if a sensor has no number, or the name of a measurement is not stored.</summary>
    public bool TryHold(FetchedBatch batch, ReadingBatch readings)
    {
        if (batch.Unnamed.Count == 0 && !readings.AwaitsNames)
        {
            return false;
        }

        _held = new();
        _held.Add(readings);
        return true;
    }

    /// <summary>Makes dead letters of messages whose sensor gets no number, and leaves out values of refused measurements.</summary>
    /// <returns>The readings that were held, each with the id or the number of its sensor.</returns>
    /// <exception cref="Storage.Windows.WindowStoreUnavailableException">Call again.</exception>
    public async Task<ReadingBatch> NameAsync(FetchedBatch batch)
    {
        var readings = _held!;
        if (batch.Unnamed.Count > 0)
        {
            _held = readings = await NameAsync(batch, readings);
        }

        if (readings.AwaitsNames)
        {
            readings = await discovery!.DecideAsync(readings);
        }

        _held = null;
        batch.Count = readings.Count;
        return readings;
    }

    private async Task<ReadingBatch> NameAsync(FetchedBatch batch, ReadingBatch all)
    {
        var unnamed = batch.Unnamed;
        var numbers = await NumbersAsync(unnamed.Names);
        var (readings, next) = (new ReadingBatch(all.Count) { AwaitsNames = all.AwaitsNames }, 0);
        var refused = new List<int>();
        readings.Reserve(0, all.ValueCount);
        foreach (var reading in all.Readings)
        {
            var named = reading;
            if (reading.SensorId == SensorName.NoNumber)
            {
                named.SensorId = numbers[unnamed.NameOf(next++)];
                if (named.SensorId == SensorName.NoNumber)
                {
                    refused.Add(next - 1);
                    continue;
                }
            }

            readings.Add(named, all.ValuesOf(reading));
        }

        Reject(batch, refused);
        unnamed.Clear();
        return readings;
    }

    /// <summary>
    /// Adds letters of refused readings, or adds the readings to the letter of the same message: two letters with the same bytes would
    /// count as copies.
    /// </summary>
    private void Reject(FetchedBatch batch, List<int> refused)
    {
        if (refused.Count == 0)
        {
            return;
        }

        var ofParts = Enumerable.Range(0, batch.Rejected.Count).Where(i => batch.Rejected[i].Parts is not null)
            .ToDictionary(i => batch.Rejected[i].Offset);
        foreach (var message in refused.GroupBy(batch.Unnamed.MessageOf))
        {
            var letter = Refuse(batch.Unnamed, message.Key, [.. message]);
            if (letter.Parts is { } parts && ofParts.TryGetValue(letter.Offset, out var at))
            {
                var other = batch.Rejected[at];
                batch.Rejected[at] = other with
                {
                    Parts = [.. other.Parts!, .. parts],
                    Refusals = [.. other.Refusals, .. letter.Refusals],
                };
                continue;
            }

            batch.Rejected.Add(letter);
        }
    }

    /// <returns>The numbers of the names, by index.</returns>
    private async Task<int[]> NumbersAsync(IReadOnlyList<byte[]> all)
    {
        if (_refused.Count >= MaxRefused || clock.GetElapsedTime(_refusedFrom) >= RefusalMemory)
        {
            Forget();
        }

        var asked = Enumerable.Range(0, all.Count).Where(i => !_refused.Contains(all[i])).ToList();
        var found = new int[asked.Count];
        var begun = clock.GetTimestamp();
        await names!.NumbersOfAsync(asked.ConvertAll(i => (ReadOnlyMemory<byte>)all[i]), found, CancellationToken.None);
        var numbers = new int[all.Count];
        Array.Fill(numbers, SensorName.NoNumber);
        for (var i = 0; i < found.Length; i++)
        {
            numbers[asked[i]] = found[i];
            if (found[i] == SensorName.NoNumber)
            {
                _refusedFrom = _refused.Count == 0 ? begun : _refusedFrom;
                _refused.Add(all[asked[i]]);
            }
        }

        return numbers;
    }

    /// <summary>Makes a dead letter of a message.</summary>
    /// <param name="refused">Its readings whose sensors get no number, by their place among those without numbers.</param>
    private DeadLetter Refuse(UnnamedReadings unnamed, int message, IReadOnlyList<int> refused)
    {
        var reason = names!.Limits.IsOpen ? RejectReason.TooManySensors : RejectReason.UnknownSensor;
        var (letter, now) = (unnamed.LetterOf(message), EpochTime.Now(clock));
        int[] parts = [.. refused.Select(unnamed.IndexOf)];
        return letter with
        {
            Reason = reason,
            Detail = DeadLetter.DetailOf(
                parts[0], RejectDetail.OfNewSensor(Quoted(unnamed.Names[unnamed.NameOf(refused[0])]), reason), parts.Length),
            Refusals = Array.ConvertAll(parts, index => new Refusal(letter.Offset, Math.Max(0, index), reason, now)),
            Parts = parts[0] < 0 ? null : parts,
        };
    }

    private static string Quoted(byte[] name) => $"\"{PrintableText.Preview(name, MaxQuote)}\"";
}
