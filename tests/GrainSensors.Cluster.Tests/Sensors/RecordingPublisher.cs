using GrainSensors.Contracts.Sensors;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;

namespace GrainSensors.Cluster.Tests.Sensors;

/// <summary>A publisher that records readings as ingest would read them, and fails or delays on request.</summary>
internal sealed class RecordingPublisher(TimeProvider clock) : IReadingPublisher
{
    private readonly ReadingParser _parser = new(MeasurementSet.Default, new());
    private readonly Dictionary<int, List<Reading>> _taken = [];
    private readonly Dictionary<int, Task> _answers = [];
    private readonly Dictionary<int, int> _attempts = [];

    public Task PublishAsync(int sensorId, ReadOnlySpan<byte> json)
    {
        lock (_taken)
        {
            _attempts[sensorId] = _attempts.GetValueOrDefault(sensorId) + 1;
            if (_answers.TryGetValue(sensorId, out var answer))
            {
                return answer;
            }

            Assert.Equal(RejectReason.None, _parser.Parse(json, EpochTime.Now(clock), out var reading));
            Assert.Equal(sensorId, reading.SensorId);
            _taken.TryAdd(sensorId, []);
            _taken[sensorId].Add(reading);
            return Task.CompletedTask;
        }
    }

    /// <summary>Sets the answer to further readings of the sensor; null to record them again.</summary>
    public void Answer(int sensorId, Task? answer)
    {
        lock (_taken)
        {
            _answers.Remove(sensorId);
            if (answer is not null)
            {
                _answers[sensorId] = answer;
            }
        }
    }

    public Reading[] Of(int sensorId)
    {
        lock (_taken)
        {
            return [.. _taken.GetValueOrDefault(sensorId) ?? []];
        }
    }

    public int AttemptsOf(int sensorId)
    {
        lock (_taken)
        {
            return _attempts.GetValueOrDefault(sensorId);
        }
    }
}
