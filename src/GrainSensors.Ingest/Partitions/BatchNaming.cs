using GrainSensors.Core.Readings;
using GrainSensors.Core.Text;
using GrainSensors.Core.Time;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Storage.Names;

namespace GrainSensors.Ingest.Partitions;

/// <summary>
/// Gives the readings of a batch the numbers of their sensors' names. A number is durable before a reading with it is dispatched.
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
internal sealed class BatchNaming(ISensorNames names, TimeProvider clock)
{
    /// <summary>After this time a name whose limit was raised, or that another silo has given a number, gets it here.</summary>
    private static readonly TimeSpan RefusalMemory = TimeSpan.FromSeconds(5);

    /// <summary>A device that sends another name each time profits from no memory.</summary>
    private const int MaxRefused = 10_000;

    private readonly HashSet<byte[]> _refused = new(Utf8Comparer.Instance);
    private long _refusedFrom;
    private Reading[] _readings = [];

    /// <summary>Keeps the readings of a batch of which some have no number.</summary>
    public void Hold(ReadOnlySpan<Reading> readings) => _readings = readings.ToArray();

    /// <summary>Forgets which names got no number.</summary>
    public void Forget() => _refused.Clear();

    /// <summary>Makes dead letters of the messages whose sensor gets no number.</summary>
    /// <returns>The readings of the batch, each with the id or the number of its sensor.</returns>
    /// <exception cref="Storage.Windows.WindowStoreUnavailableException">Call again.</exception>
    public async Task<ArraySegment<Reading>> NameAsync(FetchedBatch batch)
    {
        var unnamed = batch.Unnamed;
        var numbers = await NumbersAsync(unnamed.Names);
        var (readings, count, next) = (_readings, 0, 0);
        foreach (var reading in readings)
        {
            readings[count] = reading;
            if (reading.SensorId == SensorName.NoNumber)
            {
                var number = readings[count].SensorId = numbers[unnamed.NameOf(next++)];
                if (number == SensorName.NoNumber)
                {
                    batch.Rejected.Add(Refuse(unnamed.MessageOf(next - 1)));
                    continue;
                }
            }

            count++;
        }

        batch.Count = count;
        unnamed.Clear();
        _readings = [];
        return new(readings, 0, count);
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
        await names.NumbersOfAsync(asked.ConvertAll(i => (ReadOnlyMemory<byte>)all[i]), found, CancellationToken.None);
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

    private DeadLetter Refuse(DeadLetter message)
    {
        var reason = names.Limits.IsOpen ? RejectReason.TooManySensors : RejectReason.UnknownSensor;
        return message with
        {
            Reason = reason,
            Detail = RejectDetail.OfNewSensor(message.Bytes, reason),
            Refusal = new(message.Offset, 0, reason, EpochTime.Now(clock)),
        };
    }
}
