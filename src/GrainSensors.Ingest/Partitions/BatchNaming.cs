using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Storage.Names;

namespace GrainSensors.Ingest.Partitions;

/// <summary>
/// Gives the readings of a batch the numbers of their sensors' names. A number is durable before a reading with it is dispatched.
/// </summary>
/// <remarks>
/// Whether a new name gets a number depends on the time. So a message that gets none is a refusal, which is stored before its batch is
/// dispatched. A message whose sensor got a number finds it again.
/// </remarks>
internal sealed class BatchNaming(ISensorNames names, TimeProvider clock)
{
    private Reading[] _readings = [];

    /// <summary>Keeps the readings of a batch of which some have no number.</summary>
    public void Hold(ReadOnlySpan<Reading> readings) => _readings = readings.ToArray();

    /// <summary>Makes dead letters of the messages whose sensor gets no number.</summary>
    /// <returns>The readings of the batch, each with the id or the number of its sensor.</returns>
    /// <exception cref="Storage.Windows.WindowStoreUnavailableException">Call again.</exception>
    public async Task<ArraySegment<Reading>> NameAsync(FetchedBatch batch)
    {
        var indices = new Dictionary<byte[], int>(batch.Unnamed.Count, NameComparer.Instance);
        batch.Unnamed.ForEach(unnamed => indices.TryAdd(unnamed.Name, indices.Count));
        var numbers = new int[indices.Count];
        await names.NumbersOfAsync([.. indices.Keys.Select(name => (ReadOnlyMemory<byte>)name)], numbers, CancellationToken.None);

        var (readings, count, next) = (_readings, 0, 0);
        foreach (var reading in readings)
        {
            readings[count] = reading;
            if (reading.SensorId == SensorName.NoNumber)
            {
                var unnamed = batch.Unnamed[next++];
                var number = readings[count].SensorId = numbers[indices[unnamed.Name]];
                if (number == SensorName.NoNumber)
                {
                    batch.Rejected.Add(Refuse(unnamed.Message));
                    continue;
                }
            }

            count++;
        }

        batch.Count = count;
        batch.Unnamed.Clear();
        _readings = [];
        return new(readings, 0, count);
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

    private sealed class NameComparer : IEqualityComparer<byte[]>
    {
        public static readonly NameComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj)
        {
            var hash = default(HashCode);
            hash.AddBytes(obj);
            return hash.ToHashCode();
        }
    }
}
