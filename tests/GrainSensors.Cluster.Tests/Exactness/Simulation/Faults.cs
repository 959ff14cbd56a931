namespace GrainSensors.Cluster.Tests.Exactness.Simulation;

/// <summary>How probable each fault is: of a call, or of a step of the simulation.</summary>
internal sealed record Faults
{
    /// <summary>Of a store call, once before and once after it has taken effect.</summary>
    public double StoreFailure { get; init; }

    /// <summary>Of each row of a write: neither written nor refused.</summary>
    public double PartialWrite { get; init; }

    /// <summary>Of a grain call: it never arrives.</summary>
    public double LostCall { get; init; }

    /// <summary>Of a grain call: it is carried out and the answer is lost.</summary>
    public double LostAnswer { get; init; }

    /// <summary>Of a grain call: it times out and arrives later, perhaps much later, at whatever activation there is.</summary>
    public double DelayedCall { get; init; }

    /// <summary>Of a grain call: a second activation is created beside those that are there.</summary>
    public double DuplicateActivation { get; init; }

    /// <summary>Of a step: an activation vanishes with what it holds.</summary>
    public double Crash { get; init; }

    /// <summary>Of a step: an activation flushes and deactivates.</summary>
    public double Eviction { get; init; }

    /// <summary>Of a step: a second loop starts on a partition while the first goes on.</summary>
    public double Zombie { get; init; }

    /// <summary>Of a step: a loop vanishes and another one starts from the checkpoint.</summary>
    public double LoopCrash { get; init; }

    public static Faults None { get; } = new();

    public static Faults Usual { get; } = new()
    {
        StoreFailure = 0.02,
        PartialWrite = 0.06,
        LostCall = 0.02,
        LostAnswer = 0.04,
        DelayedCall = 0.05,
        DuplicateActivation = 0.02,
        Crash = 0.006,
        Eviction = 0.004,
        Zombie = 0.003,
        LoopCrash = 0.002,
    };
}
