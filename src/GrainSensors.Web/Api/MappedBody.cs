using GrainSensors.Core.Readings;
using GrainSensors.Sources.Results;

namespace GrainSensors.Web.Api;

/// <summary>What the mapping of a source makes of a payload.</summary>
/// <param name="Readings">Number of readings. Ranges, retention and limits of names are not checked here.</param>
/// <param name="Rejected">Number of rejected readings; 1 if the whole payload is rejected.</param>
/// <param name="Problems">The first rejections.</param>
internal sealed record MappedBody(int Readings, int Rejected, IReadOnlyList<ItemProblem> Problems);

/// <summary>Counts the readings of a payload, and collects what is wrong with others.</summary>
/// <param name="keepsSensors">Collects the sensors, too.</param>
internal sealed class MappedSummary(bool keepsSensors) : IReadingSink
{
    /// <summary>Rejections that an answer lists; enough to find the error in a mapping.</summary>
    private const int MaxProblems = 100;

    private readonly List<ItemProblem> _problems = [];
    private readonly HashSet<SensorRef> _sensors = [];
    private int _readings;
    private int _rejected;

    /// <summary>Why the payload as a whole is rejected; null: it is not.</summary>
    public SourceRejectReason? Refusal { get; private set; }

    public MappedBody Body => new(_readings, _rejected, _problems);

    /// <summary>The sensors of the readings, as the silos will read them from the payload.</summary>
    public IReadOnlyCollection<SensorRef> Sensors => _sensors;

    public void Reading(int index, ReadOnlySpan<byte> sensor, long micros)
    {
        _readings++;
        if (keepsSensors)
        {
            _sensors.Add(SendScopes.SensorOf(sensor));
        }
    }

    public void Value(ReadOnlySpan<byte> name, double value)
    {
    }

    public void Null(ReadOnlySpan<byte> name)
    {
    }

    public void Reject(int index, SourceRejectReason reason, string detail)
    {
        Refusal = index == IReadingSink.WholeMessage ? reason : Refusal;
        if (_rejected++ < MaxProblems)
        {
            _problems.Add(new(Math.Max(0, index), reason.ToToken(), $"{detail}."));
        }
    }
}
