using System.Collections.Immutable;

namespace GrainSensors.Core.Alerts;

/// <summary>So many sensors of a group are in alarm that one alert stands for all of theirs. Alerts judge it, not readings.</summary>
public sealed record GroupCondition : SelectionCondition
{
    public const double DefaultShare = 0.5;

    /// <summary>The sensors of a dead gateway fall silent within this time, most of them.</summary>
    public const long DefaultWait = 30_000_000;

    public override AlertKind Kind => AlertKind.Group;

    /// <summary>The ids of the rules whose open alerts count.</summary>
    public required ImmutableArray<string> Of { get; init; }

    /// <summary>The least number of sensors in alarm; null: <see cref="Share"/> applies.</summary>
    public int? Least { get; init; }

    /// <summary>The least share of the group's sensors.</summary>
    public double Share { get; init; } = DefaultShare;

    /// <summary>Alerts that count are not told before this time has passed, so that the alert of the group can take their place.</summary>
    public long Wait { get; init; } = DefaultWait;

    /// <returns>The least number of sensors in alarm.</returns>
    public int LimitOf(int size) => Least ?? Math.Max(1, (int)Math.Ceiling(Share * size));

    public bool Equals(GroupCondition? other) => other is not null && Least == other.Least && Share.Equals(other.Share)
        && Wait == other.Wait && Of.SequenceEqual(other.Of) && By.SequenceEqual(other.By);

    public override int GetHashCode() => HashCode.Combine(Least, Share, Wait, Of.Length, By.Length);
}
