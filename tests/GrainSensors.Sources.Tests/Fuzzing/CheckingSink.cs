using System.Text;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Text;
using GrainSensors.Core.Time;
using GrainSensors.Sources.Messages;
using GrainSensors.Sources.Results;

namespace GrainSensors.Sources.Tests.Fuzzing;

/// <summary>Fails for what a sink must never get.</summary>
internal sealed class CheckingSink : IReadingSink
{
    private static readonly DiscoveryRules AnyName = new();
    private readonly HashSet<string> _names = [];
    private int _next;
    private bool _hasReading;
    private bool _isRejected;

    public int Readings { get; private set; }

    public int Rejections { get; private set; }

    public int Values { get; private set; }

    public void BeginMessage() => (_next, _hasReading, _isRejected) = (0, false, false);

    /// <summary>A message is never silently dropped.</summary>
    public void EndMessage() => Assert.True(_next > 0 || _isRejected, "neither a reading nor a rejection");

    public void Reading(int index, ReadOnlySpan<byte> sensor, long micros)
    {
        Next(index);
        _hasReading = true;
        _names.Clear();
        Readings++;
        Assert.True(SensorName.TryParse(sensor, out _), Encoding.UTF8.GetString(sensor));
        Assert.True(micros is SourceMessage.NoTime or (>= EpochTime.Min and < EpochTime.Max), $"{micros}");
    }

    public void Value(ReadOnlySpan<byte> name, double value)
    {
        Null(name);
        Assert.True(double.IsFinite(value), $"{value}");
    }

    public void Null(ReadOnlySpan<byte> name)
    {
        Assert.True(_hasReading);
        Values++;
        var text = Encoding.UTF8.GetString(name);
        Assert.True(AnyName.Cover(name) && _names.Add(text), text);
    }

    public void Reject(int index, SourceRejectReason reason, string detail)
    {
        Assert.NotEqual(SourceRejectReason.None, reason);
        Assert.True(detail.Length is > 0 and < 400 && PrintableText.Escape(detail) == detail, detail);
        Rejections++;
        _hasReading = false;
        if (index == IReadingSink.WholeMessage)
        {
            Assert.Equal(0, _next);
            _isRejected = true;
            return;
        }

        Next(index);
    }

    private void Next(int index)
    {
        Assert.False(_isRejected);
        Assert.Equal(_next++, index);
    }
}
