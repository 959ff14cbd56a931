namespace GrainSensors.Cluster.Tests.Exactness.Simulation;

/// <summary>The probability of each fault, per call or per step of the simulation.</summary>
internal sealed record Faults
{
    /// <summary>Per store call: the call fails, with one chance before and one after it took effect.</summary>
    public double StoreFailure { get; init; }

    /// <summary>Per row of a write: the row is neither written nor refused.</summary>
    public double PartialWrite { get; init; }

    /// <summary>Per grain call: the call never arrives.</summary>
    public double LostCall { get; init; }

    /// <summary>Per grain call: the call is executed and its answer is lost.</summary>
    public double LostAnswer { get; init; }

    /// <summary>Per grain call: the call times out and arrives later, possibly much later, at any activation.</summary>
    public double DelayedCall { get; init; }

    /// <summary>Per grain call: another activation is created beside the existing ones.</summary>
    public double DuplicateActivation { get; init; }

    /// <summary>Per step: an activation vanishes with its state.</summary>
    public double Crash { get; init; }

    /// <summary>Per step: an activation flushes and deactivates.</summary>
    public double Eviction { get; init; }

    /// <summary>Per step: a second loop starts on a partition while the first one continues.</summary>
    public double Zombie { get; init; }

    /// <summary>Per step: a loop vanishes and another one starts from the checkpoint.</summary>
    public double LoopCrash { get; init; }

    /// <summary>Per step: another leader takes over a partition, and may lack the end of its log.</summary>
    public double LeaderChange { get; init; }

    /// <summary>Per step: the store is backed up.</summary>
    public double Backup { get; init; }

    /// <summary>Per step: an earlier backup of the store is restored.</summary>
    public double Restore { get; init; }

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
        LeaderChange = 0.001,
        Backup = 0.003,
        Restore = 0.0004,
    };
}
