namespace GrainSensors.Grains.Windows;

/// <summary>An activation of a window grain, as a <see cref="BatchFlush"/> sees it.</summary>
internal interface IBatchFlushMember
{
    /// <summary>To be used in turns.</summary>
    SensorWindows Windows { get; }

    /// <summary>Has the activation take a turn, though it may have ended.</summary>
    void QueueTurn(Action<object> turn, object state);

    /// <summary>It is needed, though nobody calls it. To be called in a turn.</summary>
    void StayActive();
}
