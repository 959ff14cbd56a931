using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orleans.Configuration;
using Orleans.Streaming.Kafka.Internals.Caching;
using Orleans.Streaming.Kafka.Internals.Messages;

namespace Orleans.Streaming.Kafka.Tests.Caching;

/// <summary>Subscribers that rewind again and again, as after each move of their partition to another silo.</summary>
public sealed class RewoundSubscribersTests
{
    private const int Streams = 2;

    [Fact]
    public void Nothing_is_completed_that_one_of_them_has_never_had() =>
        Gen.Select(Gen.Int[0, 6].Array[1, 200], Gen.OneOf(Gen.Const(1), Gen.Const(3)), Gen.Int[1, 4]).Sample(
            (steps, batchSize, maxRunLength) =>
            {
                var partition = new Partition(batchSize, maxRunLength);
                foreach (var (step, i) in steps.Select((step, i) => (step, i)))
                {
                    partition.Do(step, i % Streams);
                    Assert.True(
                        partition.Completed <= partition.FirstUndelivered,
                        $"{partition.Completed} with {partition.FirstUndelivered} undelivered");
                }

                Assert.Equal(partition.End, partition.DeliverAll());
            },
            iter: 3_000,
            threads: 1);

    /// <summary>A partition of two streams with a subscriber each, and a pulling agent between subscribers and cache.</summary>
    private sealed class Partition : ICacheOwner
    {
        private readonly FakeTimeProvider _clock = new();
        private readonly PartitionCache _cache;
        private readonly int _batchSize;

        /// <summary>The stream of each message, by offset.</summary>
        private readonly List<int> _streamOf = [];
        private readonly CacheCursor[] _cursors;
        private readonly SortedSet<long>[] _delivered = [.. Enumerable.Range(0, Streams).Select(_ => new SortedSet<long>())];

        /// <summary>Offsets that the agent is delivering, until its next request.</summary>
        private readonly List<long>[] _underWay = [.. Enumerable.Range(0, Streams).Select(_ => new List<long>())];
        private readonly List<(Rewind Rewind, long Next)> _rewinds = [];
        private readonly List<Rewind> _resumptions = [];

        public Partition(int batchSize, int maxRunLength)
        {
            _batchSize = batchSize;
            var options = new KafkaStreamOptions { CacheAge = TimeSpan.FromSeconds(2) };
            var agents = new StreamPullingAgentOptions { BatchContainerBatchSize = batchSize };
            _cache = new(
                options, options.FailurePolicy, agents, maxRunLength, new("topic", Guid.NewGuid(), 0), _clock, NullLogger.Instance)
            {
                Owner = this,
            };
            _cursors = [.. Enumerable.Range(0, Streams).Select(stream => _cache.Open(Stream(stream), null))];
        }

        public long End => _streamOf.Count;

        public long Completed => _cache.Completed ?? 0;

        public long FirstUndelivered => Enumerable.Range(0, _streamOf.Count)
            .Where(offset => !_delivered[_streamOf[offset]].Contains(offset))
            .Select(offset => (long)offset)
            .DefaultIfEmpty(End)
            .First();

        public void Do(int step, int stream)
        {
            switch (step)
            {
                case 0 or 1:
                    _cache.AddToCache([Message(stream, End)]);
                    _streamOf.Add(stream);
                    break;
                case 2:
                    _cache.TryPurgeFromCache(out _);
                    _cache.AddToCache([.. _resumptions.Select(rewind => new RewindMessage(rewind, RewindSignal.Resume, null))]);
                    _resumptions.Clear();
                    break;
                case 3:
                    _clock.Advance(TimeSpan.FromSeconds(1));
                    break;
                case 4:
                    Deliver(stream);
                    break;
                case 5:
                    Rewind(stream);
                    break;
                default:
                    ReadAgain();
                    break;
            }
        }

        /// <returns>The completed offset.</returns>
        public long DeliverAll()
        {
            for (var rounds = 0; rounds < 10 * (_streamOf.Count + 1) && (FirstUndelivered < End || Completed < End); rounds++)
            {
                Do(6, 0);
                Do(4, 0);
                Do(4, 1);
                Do(2, 0);
            }

            return Completed;
        }

        public void Read(Rewind rewind) => _rewinds.Add((rewind, rewind.From));

        public void Resume(Rewind rewind) => _resumptions.Add(rewind);

        public void WriteDeadLetter(KafkaBatchContainer message, Exception? error, Action written) =>
            Assert.Fail($"{message.Offset} has failed.");

        private void Deliver(int stream)
        {
            _delivered[stream].UnionWith(_underWay[stream]);
            _underWay[stream].Clear();
            for (var i = 0; i < _batchSize && _cursors[stream].MoveNext(); i++)
            {
                var current = _cursors[stream].GetCurrent(out _)!;
                current.ImportRequestContext();
                _underWay[stream].AddRange(current is KafkaMessageRun run ? run.Offsets : [((KafkaBatchContainer)current).Offset]);
            }
        }

        /// <summary>Rewinds to the last delivered message, as a new agent does on request of the subscriber.</summary>
        private void Rewind(int stream)
        {
            if (_delivered[stream].Count > 0)
            {
                _cursors[stream].Dispose();
                _cursors[stream] = _cache.Open(Stream(stream), new KafkaSequenceToken(_delivered[stream].Max, 0));
                _underWay[stream].Clear();
            }
        }

        /// <summary>Reads the next message of each rewind, or its end.</summary>
        private void ReadAgain()
        {
            for (var i = _rewinds.Count - 1; i >= 0; i--)
            {
                var (rewind, next) = _rewinds[i];
                var stream = rewind.Stream == Stream(0) ? 0 : 1;
                while (next < rewind.To && _streamOf[(int)next] != stream)
                {
                    next++;
                }

                _rewinds[i] = (rewind, next + 1);
                if (rewind.IsAbandoned || next >= rewind.To)
                {
                    _rewinds.RemoveAt(i);
                }

                if (!rewind.IsAbandoned)
                {
                    _cache.AddToCache(
                    [
                        next >= rewind.To
                            ? new RewindMessage(rewind, RewindSignal.Completed, null)
                            : new RewindMessage(rewind, RewindSignal.None, Message(stream, next)),
                    ]);
                }
            }
        }

        private static KafkaBatchContainer Message(int stream, long offset) =>
            new(null!, Stream(stream), "topic", null, [], [], new KafkaSequenceToken(offset, 0));

        private static StreamId Stream(int number) => StreamId.Create("ns", $"{number}");
    }
}
