namespace GrainSensors.Hosting.Configuration;

/// <summary>Whether sensors with new names are accepted.</summary>
internal enum SensorRegistration
{
    Open,
    Closed,
}
