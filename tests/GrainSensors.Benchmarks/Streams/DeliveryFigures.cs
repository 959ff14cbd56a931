namespace GrainSensors.Benchmarks.Streams;

/// <param name="Rate">Deliveries a second.</param>
/// <param name="Cpu">User and system time of the silo's process for a delivery, µs. Other work on the machine changes it little.</param>
/// <param name="Allocated">Managed bytes for a delivery.</param>
internal sealed record DeliveryFigures(double Rate, double Cpu, double Allocated);
