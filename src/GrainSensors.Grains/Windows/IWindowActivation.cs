namespace GrainSensors.Grains.Windows;

/// <summary>An activation of a window grain, as callers on the same silo use it.</summary>
internal interface IWindowActivation
{
    /// <summary>The windows of the activation. Use them in its turns only.</summary>
    SensorWindows Windows { get; }

    /// <summary>The flush of the activation. Use it in its turns only.</summary>
    WindowFlush Flush { get; }

    /// <summary>Queues a turn of the activation. The turn runs even if the activation has ended.</summary>
    void QueueTurn(Action<object> turn, object state);

    /// <summary>Keeps the activation from being collected as idle. Call it in a turn of the activation.</summary>
    void StayActive();
}
