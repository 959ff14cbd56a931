using GrainSensors.Benchmarks;
using GrainSensors.Benchmarks.CommandLine;

return await Invocation.InvokeAsync(Scenarios.Create(), args);
