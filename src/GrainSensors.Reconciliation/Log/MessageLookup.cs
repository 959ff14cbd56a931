using Confluent.Kafka;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Reconciliation.Parsing;
using GrainSensors.Storage.Reconciliation;

namespace GrainSensors.Reconciliation.Log;

/// <summary>Reads single messages of the topic of readings again.</summary>
internal static class MessageLookup
{
    /// <summary>Reading this many messages takes about as long as another request to the broker.</summary>
    private const long MaxGap = 10_000;

    /// <param name="places">The messages, sorted by partition and offset.</param>
    /// <param name="take">
    /// Called for each place, in order within a partition, with the message and its time in µs since the epoch. A message that
    /// the log no longer holds is null and has the time <see cref="long.MaxValue"/>.
    /// </param>
    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    public static void Read(
        IReadingLog log, ContractParser parser, IReadOnlyList<LogPlace> places, Action<LogPlace, ParsedMessage?, long> take,
        CancellationToken cancellationToken)
    {
        if (places.Count == 0)
        {
            return;
        }

        var wanted = places.GroupBy(place => place.Partition).ToDictionary(
            places => places.Key, places => new Queue<LogPlace>(places));
        using var consumer = log.Reader<Ignore, ParsedMessage>("timestamp").SetValueDeserializer(parser).Build();
        while (wanted.Values.Any(left => left.Count > 0))
        {
            var ranges = wanted.Where(left => left.Value.Count > 0).Select(left => FirstCluster(left.Key, left.Value)).ToList();
            LogRead.Run(consumer, log.Topics[0].Name, ranges, Take, cancellationToken);
            foreach (var range in ranges)
            {
                TakeMissing(wanted[range.Partition], range.End);
            }
        }

        consumer.Close();

        void Take(ConsumeResult<Ignore, ParsedMessage> record)
        {
            var left = wanted[record.Partition.Value];
            TakeMissing(left, record.Offset.Value);
            if (left.TryPeek(out var place) && place.Offset == record.Offset.Value)
            {
                take(left.Dequeue(), record.Message.Value, record.Message.Timestamp.UnixTimestampMs * 1000);
            }
        }

        void TakeMissing(Queue<LogPlace> left, long before)
        {
            while (left.TryPeek(out var place) && place.Offset < before)
            {
                take(left.Dequeue(), null, long.MaxValue);
            }
        }
    }

    private static OffsetRange FirstCluster(int partition, Queue<LogPlace> places)
    {
        var (begin, last) = (places.Peek().Offset, places.Peek().Offset);
        foreach (var place in places)
        {
            if (place.Offset - last > MaxGap)
            {
                break;
            }

            last = place.Offset;
        }

        return new(partition, begin, last + 1);
    }
}
