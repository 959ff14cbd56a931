namespace GrainSensors.Grains.Alerts;

/// <summary>A receiver of alerts is unavailable, or refuses them. The message names the cause.</summary>
public sealed class AlertDeliveryException(string message, Exception? cause = null) : Exception(message, cause);
